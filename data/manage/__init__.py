"""What people set in the product: who may, every change logged with what it replaced, undo."""
