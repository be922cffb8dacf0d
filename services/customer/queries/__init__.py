"""Every SELECT of the customer service, and its rows in the shapes that the contract names."""
