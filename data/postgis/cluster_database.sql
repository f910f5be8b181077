-- The cluster's one database. From template0, which nobody can be connected to.
create database muscope template template0 encoding 'UTF8';
