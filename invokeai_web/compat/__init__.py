"""APIs of other servers, for clients that know only these; they are off unless `--compat` names them."""
