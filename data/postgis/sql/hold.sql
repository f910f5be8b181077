select muscope.hold($1, $2);
