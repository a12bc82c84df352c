-- Revert mqk:audit/anchors from pg

begin;

set local role mqk_owner;

drop table audit.anchors;

commit;
