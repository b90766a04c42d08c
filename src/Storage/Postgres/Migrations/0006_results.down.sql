DROP TABLE cached_results;
