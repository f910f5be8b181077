select to_regclass('muscope.migration') is not null;
