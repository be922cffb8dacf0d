"""Every SELECT of the opportunity service, and its rows in the shapes that the contract names."""
