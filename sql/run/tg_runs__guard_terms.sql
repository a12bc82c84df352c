create or replace function run.tg_runs__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_free constant text[] := array[
        'run_status', 'status_seq', 'armed_epoch',
        'live_account_id', 'may_submit', 'active_mode'];  -- generated: not known yet
begin
    if to_jsonb(new) - v_free <> to_jsonb(old) - v_free
       or new.armed_epoch < old.armed_epoch
    then
        perform core.raise_error('MQI04', 'the terms of a run are pinned at its creation');
    end if;
    return new;
end;
$function$;

comment on function run.tg_runs__guard_terms() is
$$Refuses to change anything of a run but its status.
Why: engine, mode, config, account and limits of time are bound when the run is created.
Raises: MQI04.$$;
