"""What a check takes for networks and data of growing size, and what it then leaves out."""
