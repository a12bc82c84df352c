-- Verify mqk:rooms on pg

begin;

select 'core'::regnamespace;
select 'audit'::regnamespace;
select 'ref'::regnamespace;
select 'run'::regnamespace;
select 'md'::regnamespace;
select 'ledger'::regnamespace;
select 'pager'::regnamespace;
select 'strat'::regnamespace;
select 'risk'::regnamespace;
select 'sim'::regnamespace;
select 'oms'::regnamespace;
select 'recon'::regnamespace;
select 'lab'::regnamespace;
select 'ops'::regnamespace;
select 'inv'::regnamespace;
select 'replay'::regnamespace;
select 'io'::regnamespace;
select 'api'::regnamespace;

rollback;
