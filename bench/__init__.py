"""Every performance claim has its script here; `make bench` runs them all, `make bench NAME=rpc` one."""
