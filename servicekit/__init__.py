"""What services stand on: machinery, without a word of CRM in it."""

import warnings

# eventlet tells its users that it is in maintenance; nameko stands on it, so there is nothing to act on here.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated", category=Warning)
