"""Models of the libraries that people use, replayed and held against their framework."""
