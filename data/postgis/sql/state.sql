select muscope.state($1, true);
