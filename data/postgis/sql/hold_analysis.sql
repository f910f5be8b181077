select muscope.hold_analysis($1, $2);
