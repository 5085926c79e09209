"""What gathers a run while a script trains."""
