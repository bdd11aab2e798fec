DROP TABLE scraped_contents;
DROP TABLE knowledge_files;
DROP TABLE messages;
DROP TABLE conversations;
DROP TABLE profiles;
