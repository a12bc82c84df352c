\ir ../_setup.sql
begin;
select plan(4);

create temp view raised as
select p.oid::regprocedure as place, m.code[1] as error_code
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  cross join lateral regexp_matches(pg_get_functiondef(p.oid), '''(MQ[A-Z][0-9]{2})''', 'g')
                     as m (code)
 where pg_get_userbyid(n.nspowner) = 'mqk_owner';

select isnt_empty('table raised', 'functions raise laws of the registry');

select is_empty($$
    select r.place, r.error_code
      from raised as r
      left join core.error_codes as c using (error_code)
     where c.error_code is null $$,
    'a law that a function raises is registered');

select is_empty($$
    select p.oid::regprocedure, m.code[1]
      from pg_proc as p
      join pg_namespace as n on n.oid = p.pronamespace
      cross join lateral regexp_matches(
                 obj_description(p.oid, 'pg_proc'), '\m(MQ[A-Z][0-9]{2})\M', 'g') as m (code)
      left join core.error_codes as c on c.error_code = m.code[1]
     where pg_get_userbyid(n.nspowner) = 'mqk_owner'
       and c.error_code is null $$,
    'a law that a comment names is registered');

select throws_ok(
    $$select core.raise_error('MQA98', 'x')$$, 'MQI01', 'an error code must be registered',
    'a law that is not registered cannot be raised');

select * from finish();
rollback;
