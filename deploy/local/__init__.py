"""The local launcher: a broker, a database and every process of the suite on one machine, as one command's children."""
