create or replace function core.assert_clock_is_near(
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(core.is_clock_near(p_now_at), 'MQA03', p_now_at::text);
end;
$function$;

comment on function core.assert_clock_is_near(timestamptz) is
$$Refuses a caller's time that is more than 2 s from the server's clock.
Why: a worker with a wrong clock must not keep gates open or heartbeats alive.
Raises: MQA03.$$;
