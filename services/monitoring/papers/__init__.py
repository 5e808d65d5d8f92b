"""Papers (佐证材料): minutes, forms, photos and signatures that the steps of a file name."""
