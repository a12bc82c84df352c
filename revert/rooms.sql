-- Revert mqk:rooms from pg

begin;

set local role mqk_owner;
alter default privileges for role mqk_owner grant execute on functions to public;
reset role;

drop schema api;
drop schema io;
drop schema replay;
drop schema inv;
drop schema ops;
drop schema lab;
drop schema recon;
drop schema oms;
drop schema sim;
drop schema risk;
drop schema strat;
drop schema pager;
drop schema ledger;
drop schema md;
drop schema run;
drop schema ref;
drop schema audit;
drop schema core;

grant usage on schema public to public;

commit;
