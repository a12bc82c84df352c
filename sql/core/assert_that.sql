create or replace function core.assert_that(
    p_ok     boolean,
    p_code   text,
    p_detail text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_ok is not true then
        perform core.raise_error(p_code, p_detail);
    end if;
end;
$function$;

comment on function core.assert_that(boolean, text, text) is
$$Raises p_code unless p_ok is true; null counts as false.
Why: absence of proof refuses.
Raises: p_code.$$;
