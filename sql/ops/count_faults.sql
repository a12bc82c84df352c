create or replace function ops.count_faults(
    p_area   text,
    p_faults jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select c.check_name, c.is_must, count(f.what) = 0,
           left(coalesce(string_agg(f.what, '; ' order by f.what), 'ok'), 500), c.fix
      from (values
           ('logins', 'logins_have_no_power', true, 'alter role ... nosuperuser nocreaterole ...; revoke'),
           ('logins', 'logins_have_one_part', true, 'one login a worker and a person: revoke the others'),
           ('logins', 'logins_keep_the_settings', true, 'alter role ... reset all'),
           ('logins', 'logins_have_a_connection_limit', false, 'alter role ... connection limit 5'),
           ('logins', 'readers_only_read', false,
            'alter role ... set default_transaction_read_only = on'),
           ('logins', 'one_superuser_logs_in', false, 'alter role ... nologin for the others'),
           ('catalog', 'groups_are_as_deployed', true, 'alter role ... nologin nosuperuser ...'),
           ('logins', 'engines_have_logins_of_their_own', false, 'mqk run scope LOGIN --engine ENGINE'),
           ('catalog', 'public_may_not_connect', true, 'revoke all on database ... from public'),
           ('catalog', 'public_has_no_dangerous_functions', false,
            'let a superuser deploy: docs/security.md'),
           ('catalog', 'public_writes_no_code', false, 'revoke usage on language plpgsql, sql from public'),
           ('catalog', 'the_owner_owns_the_house', true, 'alter ... owner to mqk_owner'),
           ('catalog', 'tables_are_granted_to_nobody', true, 'revoke all on ... from ...'),
           ('catalog', 'doors_are_the_only_definers', true, 'mqk db deploy; look who changed the function'),
           ('catalog', 'guards_are_awake', true, 'alter table ... enable trigger all'),
           ('catalog', 'runs_are_scoped', true, 'alter table run.runs force row level security'),
           ('catalog', 'no_way_out_of_the_database', true, 'drop extension ..., drop language ...'),
           ('catalog', 'a_halt_may_end_sessions', false, 'grant pg_signal_backend to mqk_owner'),
           ('catalog', 'nobody_waits_in_a_prepared_transaction', true, 'rollback prepared ...')
           ) as c (area, check_name, is_must, fix)
      left join jsonb_to_recordset(p_faults) as f (check_name text, what text) using (check_name)
     where c.area = p_area
     group by c.check_name, c.is_must, c.fix;
$function$;

comment on function ops.count_faults(text, jsonb) is
$$The checks of an area, each with its faults (an array of check_name, what), or ok.$$;
