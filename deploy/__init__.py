"""Ways to put Tideline on machines: the local launcher, the command line tool, sample data, images."""
