// Npy
