create or replace function api.doctor_all(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix from ops.check_server(p_now_at) as f;
$function$;

comment on function api.doctor_all(timestamptz) is
$$Every check that the database can make of itself and of its server, each with its fix.$$;
