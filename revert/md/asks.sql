-- Revert mqk:md/asks from pg

begin;

set local role mqk_owner;

drop table md.feed_asks;

commit;
