-- The session's locks say that a load or an analysis lives, however long it is idle.
set idle_session_timeout = 0;
