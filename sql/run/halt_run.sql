create or replace function run.halt_run(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status text;
begin
    select r.run_status into v_status
      from run.runs as r where r.run_id = p_run_id for no key update;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    if v_status = 'HALTED' then
        return false;
    end if;
    perform run.move_run(p_run_id, 'HALTED', p_reason, p_now_at);
    perform pg_notify('mqk_run', p_run_id::text);
    return true;
end;
$function$;

comment on function run.halt_run(uuid, text, timestamptz) is
$$Halts a run from wherever it stands; false when it was halted already.
Why: a halt needs nothing but the run: no gate, no clock, no owner.
Raises: MQN02 no such run.$$;
