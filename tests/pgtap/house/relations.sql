\ir ../_setup.sql
begin;
select plan(17);

create temp view rooms as
select n.oid, n.nspname, n.nspowner
  from pg_namespace as n
 where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'pager', 'strat', 'risk', 'sim', 'oms',
                     'recon', 'lab', 'ops', 'inv', 'replay', 'io', 'api');
create temp view ours as
select c.*
  from pg_class as c
  join rooms as r on r.oid = c.relnamespace;
create temp view our_columns as
select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attgenerated, a.attacl
  from pg_attribute as a
  join ours as c on c.oid = a.attrelid
 where a.attnum > 0
   and not a.attisdropped
   and c.relkind in ('r', 'p', 'v', 'm');

select is(count(*), 18::bigint, 'the house has its eighteen rooms') from rooms;

select is_empty($$
    select nspname
      from pg_namespace
     where nspname not like 'pg\_%'
       and nspname not in ('information_schema', 'public', 'sqitch', 'tap')
       and oid not in (select oid from rooms) $$,
    'there is no room that nobody knows of');

select is_empty($$
    select attrelid::regclass, attname, format_type(atttypid, atttypmod)
      from our_columns
     where atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype,
                        'timestamp'::regtype, 'time'::regtype, 'timetz'::regtype,
                        'varchar'::regtype, 'char'::regtype, 'json'::regtype) $$,
    'no column holds floats, money or times without a zone');

select is_empty($$
    select c.oid::regclass
      from ours as c
     where c.relkind = 'r'
       and exists (select from our_columns as a
                    where a.attrelid = c.oid
                      and a.attname ~ '(_micros|_qty)$'
                      and a.atttypid not in ('bigint'::regtype, 'bigint[]'::regtype)) $$,
    'money and shares are bigint');

select is_empty($$
    select attrelid::regclass, attname
      from our_columns
     where (attname ~ '_at$') <> (atttypid in ('timestamptz'::regtype, 'timestamptz[]'::regtype))
        or (attname ~ '_on$') <> (atttypid = 'date'::regtype) $$,
    'instants are called _at and days _on, and nothing else is');

select is_empty($$
    select c.oid::regclass
      from ours as c
     where c.relkind in ('r', 'p', 'v', 'm')
       and coalesce(obj_description(c.oid, 'pg_class'), '') = '' $$,
    'a table or view says what it holds');

select is_empty($$
    select nspname
      from rooms
     where coalesce(obj_description(oid, 'pg_namespace'), '') = '' $$,
    'a room says what it is for');

select is_empty($$
    select c.oid::regclass::text
      from ours as c
     where c.relowner <> 'mqk_owner'::regrole
     union all
    select nspname from rooms where nspowner <> 'mqk_owner'::regrole
     union all
    select p.oid::regprocedure::text
      from pg_proc as p
      join rooms as r on r.oid = p.pronamespace
     where p.proowner <> 'mqk_owner'::regrole $$,
    'mqk_owner owns the house');

select is_empty($$
    select c.oid::regclass, a.grantee::regrole, a.privilege_type
      from ours as c
      cross join lateral aclexplode(c.relacl) as a
     where a.grantee <> 'mqk_owner'::regrole
     union all
    select a.attrelid::regclass, g.grantee::regrole, g.privilege_type
      from our_columns as a
      cross join lateral aclexplode(a.attacl) as g $$,
    'no table, view, sequence or column is granted to anybody');

select is_empty($$
    select r.nspname, a.grantee::regrole, a.privilege_type
      from rooms as r
      join pg_namespace as n on n.oid = r.oid
      cross join lateral aclexplode(n.nspacl) as a
     where a.grantee <> 'mqk_owner'::regrole
       and (r.nspname not in ('io', 'api') or a.privilege_type <> 'USAGE') $$,
    'no inner room may be entered, and nobody builds in a door');

select is_empty($$
    select c.oid::regclass::text as thing
      from pg_class as c
     where c.relnamespace = 'public'::regnamespace
     union all
    select p.oid::regprocedure::text
      from pg_proc as p
     where p.pronamespace = 'public'::regnamespace
     union all
    select t.oid::regtype::text
      from pg_type as t
     where t.typnamespace = 'public'::regnamespace $$,
    'the schema public is empty');

select is_empty($$
    select n.nspname, a.privilege_type
      from pg_namespace as n
      cross join lateral aclexplode(n.nspacl) as a
     where n.nspname = 'public'
       and a.grantee = 0 $$,
    'the public may not even enter the schema public');

select is_empty($$
    select e.extname from pg_extension as e where e.extname not in ('plpgsql', 'pgtap') $$,
    'no extension is needed');

select is_empty($$
    select a.attrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)
      from pg_attrdef as d
      join our_columns as a on a.attrelid = d.adrelid and a.attnum = d.adnum
     where a.attgenerated = '' $$,
    'no default makes up a fact');

select is_empty($$
    select a.attrelid::regclass, a.attname
      from pg_attrdef as d
      join our_columns as a on a.attrelid = d.adrelid and a.attnum = d.adnum
      join pg_depend as x on x.classid = 'pg_attrdef'::regclass and x.objid = d.oid
      join pg_proc as p on x.refclassid = 'pg_proc'::regclass and p.oid = x.refobjid
     where p.pronamespace <> 'pg_catalog'::regnamespace
     union all
    select c.conrelid::regclass, c.conname
      from pg_constraint as c
      join ours as o on o.oid = c.conrelid
      join pg_depend as x on x.classid = 'pg_constraint'::regclass and x.objid = c.oid
      join pg_proc as p on x.refclassid = 'pg_proc'::regclass and p.oid = x.refobjid
     where p.pronamespace <> 'pg_catalog'::regnamespace $$,
    'checks, defaults and generated columns use built-ins only, so code can be replaced');

select is_empty($$
    select c.oid::regclass
      from ours as c
     where c.relkind = 'r'
       and (c.relpersistence <> 'p'
            or not exists (select from pg_constraint as k
                            where k.conrelid = c.oid and k.contype = 'p')) $$,
    'a table is durable and has a primary key');

select is_empty($$
    select c.oid::regclass from ours as c where c.relkind in ('p', 'm', 'f') $$,
    'there are plain tables and views only');

select * from finish();
rollback;
