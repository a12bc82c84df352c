\ir ../_setup.sql
begin;
select plan(6);

create temp view ours as
select * from pg_roles where rolname ~ '^mqk_'
   and rolname in ('mqk_owner', 'mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_md', 'mqk_strategy',
                   'mqk_notify', 'mqk_lab', 'mqk_operator', 'mqk_approver', 'mqk_console', 'mqk_auditor',
                   'mqk_readonly');

select is(count(*), 13::bigint, 'the house has its thirteen roles') from ours;

select is_empty($$
    select rolname
      from ours
     where rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication $$,
    'no role of the house has power over the server');

select is_empty($$ select rolname from ours where rolcanlogin $$,
    'no role of the house can log in');

select is_empty($$
    select o.rolname, m.roleid::regrole
      from ours as o
      join pg_auth_members as m on m.member = o.oid
     where (o.rolname, m.roleid::regrole::text) not in (
           ('mqk_owner', 'pg_signal_backend'), ('mqk_owner', 'pg_read_all_settings')) $$,
    'no role of the house is a member of another, but its owner may end sessions and read settings');

select is_empty($$
    select r.rolname
      from pg_roles as r
     where not r.rolsuper
       and r.rolname <> 'mqk_owner'
       and pg_has_role(r.oid, 'mqk_owner', 'member')
       and r.rolname ~ '^mqk_' $$,
    'nobody but the owner is the owner');

select is_empty($$
    select d.defaclnamespace, a.grantee::regrole, a.privilege_type
      from pg_default_acl as d
      cross join lateral aclexplode(d.defaclacl) as a
     where a.grantee <> d.defaclrole $$,
    'what is built tomorrow is granted to nobody by default');

select * from finish();
rollback;
