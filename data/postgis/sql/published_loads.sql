select layer, load_ids from muscope.snapshot_layer where snapshot = $1;
