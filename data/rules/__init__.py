"""Rules that ring alerts, the alerts, and what people do with them."""
