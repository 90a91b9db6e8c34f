"""What both HTTP sides stand on: problems, the cashier's texts, and the door around handlers."""
