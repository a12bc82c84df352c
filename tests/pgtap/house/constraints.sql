\ir ../_setup.sql
begin;
select plan(8);

create temp view ours as
select c.*, t.relname
  from pg_constraint as c
  join pg_class as t on t.oid = c.conrelid
  join pg_namespace as n on n.oid = t.relnamespace
 where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'pager', 'strat', 'risk', 'sim', 'oms',
                     'recon', 'lab', 'ops', 'inv', 'replay', 'io', 'api')
   and c.contype not in ('n', 't');

-- An index whose first columns are those of the key, in any order, supports it. A partial one
-- counts when it leaves out only rows in which a column of the key is null. Where no row can be changed
-- or deleted nobody would ever use the index: it would cost a write a row, keep updates from being HOT,
-- and offer a plan without statistics a wrong way.
select is_empty($$
    select f.conrelid::regclass, f.conname
      from ours as f
     where f.contype = 'f'
       and not exists (
           select
             from pg_index as i
            where i.indrelid = f.conrelid
              and i.indisvalid
              and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(f.conkey)]
                  @> f.conkey
              and (i.indpred is null
                   or pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$'))
       and not exists (
           select
             from pg_trigger as t
            where t.tgrelid = f.confrelid
              and t.tgfoid = 'core.tg_refuse_change'::regproc
              and t.tgtype & 25 = 25  -- each row, delete and update
              and t.tgqual is null) $$,
    'a foreign key is supported by an index, unless what it refers to never changes');

select is_empty($$
    select conrelid::regclass, conname, confdeltype, confupdtype
      from ours
     where contype = 'f'
       and (confdeltype <> 'r' or confupdtype <> 'a') $$,
    'evidence is never cascaded away');

select is_empty($$
    select conrelid::regclass, conname from ours where not convalidated $$,
    'every constraint was proven for the rows that were there');

select is_empty($$
    select conrelid::regclass, conname
      from ours
     where contype in ('c', 'f', 'u')
       and conname ~ '(_check\d*|_key\d*)$' $$,
    'a rule has a name of its own');

select is_empty($$
    select conrelid::regclass, conname from ours where conname not like '%\_pkey'
       and conname !~ '^[a-z][a-z0-9_]{4,62}$' $$,
    'a rule is named in lower case');

select is_empty($$
    select t.tgrelid::regclass, t.tgname, t.tgenabled
      from pg_trigger as t
     where t.tgenabled <> 'O'
     union all
    select r.ev_class::regclass, r.rulename, r.ev_enabled
      from pg_rewrite as r
      join pg_class as c on c.oid = r.ev_class
     where r.rulename <> '_RETURN'
       and c.relnamespace <> 'pg_catalog'::regnamespace $$,
    'no trigger is disabled, and there are no rules');

select is_empty($$
    select a.attrelid::regclass, a.attname
      from pg_attribute as a
      join pg_class as c on c.oid = a.attrelid and c.relkind = 'r'
      join pg_namespace as n on n.oid = c.relnamespace
     where n.nspowner = 'mqk_owner'::regrole
       and a.attname ~ '(_status|^verdict|^disposition|^outcome)$'
       and a.attgenerated = ''
       and c.relname !~ '_moves$'  -- the closed list itself
       and not exists (
           select
             from ours as k
            where k.conrelid = a.attrelid
              and k.contype in ('c', 'f')
              and a.attnum = any(k.conkey)) $$,
    'a status has a closed list of values');

-- Columns that look like a status by what their CHECK says must be called one.
select is_empty($$
    select k.conrelid::regclass, k.conname
      from ours as k
     where k.contype = 'c'
       and k.conname ~ 'status_is_known$|verdict_is_known$|disposition_is_known$|outcome_is_known$'
       and not exists (
           select
             from pg_attribute as a
            where a.attrelid = k.conrelid
              and a.attnum = any(k.conkey)
              and a.attname ~ '(_status|^verdict|^disposition|^outcome)$') $$,
    'a status column is called _status, verdict, disposition or outcome');

select * from finish();
rollback;
