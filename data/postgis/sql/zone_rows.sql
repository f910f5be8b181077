select row(file, feature, position, area_m2, pieces, {fields}, extra, geom) from muscope.zone_{id};
