-- Revert mqk:md/quality from pg

begin;

set local role mqk_owner;

drop table md.coverages;
drop table md.formings;
drop table md.rulings;

commit;
