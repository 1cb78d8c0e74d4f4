"""What stands at the door of continuous intake: tokens, limits, the OpenAPI document and its page."""
