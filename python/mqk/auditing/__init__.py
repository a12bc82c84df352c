"""What proves the diary outside the database: anchors in a file, bundles, and who verifies them."""
