create or replace function core.is_clock_near(
    p_now_at timestamptz
)
returns boolean
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select abs(extract(epoch from p_now_at - clock_timestamp())) <= 2;
$function$;

comment on function core.is_clock_near(timestamptz) is
$$Whether a caller's time is within 2 s of the server's clock.
Why: the only reader of the clock in this database, and it can only make something be refused.$$;
