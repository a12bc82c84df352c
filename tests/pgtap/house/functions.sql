\ir ../_setup.sql
begin;
select plan(11);

-- Functions with their text, literals and comments left out.
create temp view ours as
select p.*, n.nspname,
       regexp_replace(pg_get_functiondef(p.oid), $re$--[^\n]*|'[^']*'$re$, '', 'g') as text
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace and p.prokind = 'f'
 where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'pager', 'strat', 'risk', 'sim', 'oms',
                     'recon', 'lab', 'ops', 'inv', 'replay', 'io', 'api');

select is_empty($$
    select oid::regprocedure
      from ours
     where prosecdef <> (nspname in ('io', 'api')) $$,
    'doors are security definer and nothing else is');

select is_empty($$
    select oid::regprocedure
      from ours
     where case when prosqlbody is null or prosecdef
                then proconfig is null
                  or not 'search_path=pg_catalog, pg_temp' = any(proconfig)
                else proconfig is not null end $$,
    'a function pins its search path, unless its body is parsed');

select is_empty($$
    select oid::regprocedure
      from ours
     where oid <> 'core.is_clock_near(timestamptz)'::regprocedure
       and text ~* ('\m(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday'
                    || '|random|random_normal|gen_random_uuid|nextval|setseed|pg_sleep)\s*\('
                    || '|\m(current_date|current_time|current_timestamp|localtime|localtimestamp)\M')
$$, 'no function reads a clock or a die, but the one that refuses wrong clocks');

select is_empty($$
    select oid::regprocedure
      from ours
     where pg_get_functiondef(oid) ~* (
               $re$'(now|today|tomorrow|yesterday)'\s*::\s*(date|time)$re$
               || $re$|(date|timestamptz?|time)\s*'(now|today|tomorrow|yesterday)'$re$) $$,
    'no function hides a clock in a literal');

select is_empty($$
    select o.oid::regprocedure, t.kind
      from ours as o
      cross join lateral unnest(coalesce(o.proallargtypes, o.proargtypes) || o.prorettype)
                         as t (kind)
     where t.kind in ('real'::regtype, 'double precision'::regtype, 'money'::regtype,
                      'timestamp'::regtype, 'time'::regtype, 'timetz'::regtype,
                      'varchar'::regtype, 'char'::regtype, 'json'::regtype) $$,
    'no function takes or gives floats, money or times without a zone');

select is_empty($$
    select oid::regprocedure
      from ours
     where regexp_replace(  -- sign() knows floats only; the sign of a bigint survives them
               text, 'sign\(\([^()]+\)::double precision\)|\(0\)::double precision', '', 'g')
           ~* '\m(float[48]?|real|double precision|money|timestamp without)\M' $$,
    'no function computes with floats');

select is_empty($$
    select oid::regprocedure
      from ours
     where coalesce(obj_description(oid, 'pg_proc'), '') = '' $$,
    'a function says what it gives');

select is_empty($$
    select oid::regprocedure
      from ours
     where has_function_privilege('public', oid, 'execute') $$,
    'no function is open to the public');

select is_empty($$
    select o.oid::regprocedure, a.argument
      from ours as o
      cross join lateral unnest(o.proargnames, o.proargmodes) as a (argument, mode)
     where coalesce(a.mode, 'i') in ('i', 'b', 'v')
       and a.argument !~ '^p_[a-z0-9_]+$'
     union all
    select o.oid::regprocedure, 'p_now_at is not last'
      from ours as o
     where 'p_now_at' = any(o.proargnames)
       and o.proargnames[o.pronargs] <> 'p_now_at' $$,
    'parameters are p_something, and the time comes last');

-- What may read stored bars beside md itself: a session with a bar is not amended, a dataset is cut out of
-- the store, and people are shown the rows that explain. None shows a strategy anything.
create temp view readers (oid) as
values ('ops.amend_session(text, date, text, text, text, timestamptz)'::regprocedure),
       ('lab.list_packs(lab.datasets, timestamptz)'),
       ('ops.list_market_holds(uuid, timestamptz)'),
       ('ops.list_order_causes(uuid, uuid)');
select set_eq($$
    select oid::regprocedure
      from ours
     where nspname <> 'md'
       and text ~ '\mmd\.(bars|observations)\M' $$,
    'select oid::regprocedure from readers',
    'a bar is read through md, by nobody else than who is named here');

select is_empty($$
    select oid::regprocedure
      from ours
     where nspname in ('strat', 'risk', 'oms', 'sim', 'ledger')
       and text
           ~ '\mmd\.(raws|observations|conflicts|formings|coverages|rulings|list_ingest_bars)\M' $$,
    'what decides sees bars by the functions that know the time, and nothing else of md''s tables');

select * from finish();
rollback;
