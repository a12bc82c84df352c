-- Revert mqk:pager/notices from pg

begin;

set local role mqk_owner;

drop table pager.notices;
drop table pager.deliveries;
drop table pager.cursors;
drop table pager.rules;

commit;
