"""What may be said: values and decisions, pure."""
