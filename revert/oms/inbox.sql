-- Revert mqk:oms/inbox from pg

begin;

set local role mqk_owner;

drop table oms.cursors;
drop table oms.inbox;

commit;
