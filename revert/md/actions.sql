-- Revert mqk:md/actions from pg

begin;

set local role mqk_owner;

drop table md.cleared_jumps;
drop table md.corporate_actions;

commit;
