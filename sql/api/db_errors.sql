create or replace function api.db_errors()
returns table (
    error_code text,
    law        text,
    fix        text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.error_code, c.law, c.fix
      from core.error_codes as c
     order by c.error_code;
$function$;

comment on function api.db_errors() is
$$Every error of this desk: its law and its fix.$$;
