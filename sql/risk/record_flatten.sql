create or replace function risk.record_flatten(
    p_flatten   risk.flattens,
    p_waits_for text,
    p_is_done   boolean,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    update risk.flattens as f
       set waits_for = p_waits_for,
           done_at = case when p_is_done then run.clamp_now(f.run_id, p_now_at) end
     where f.run_id = p_flatten.run_id and f.halted_seq = p_flatten.halted_seq
       and (f.waits_for is distinct from p_waits_for or (f.done_at is not null) <> p_is_done);
    if found then
        perform audit.append_event(
            p_flatten.run_id, 'RISK',
            case when p_is_done then 'FLATTENED'
                 when p_waits_for is not null then 'FLATTEN_WAITS' else 'FLATTEN_GOES_ON' end,
            jsonb_build_object('halted_seq', p_flatten.halted_seq, 'waits_for', p_waits_for), p_now_at);
        perform pg_notify('mqk_run', p_flatten.run_id::text);
    end if;
end;
$function$;

comment on function risk.record_flatten(risk.flattens, text, boolean, timestamptz) is
$$Writes down what a flatten waits for, that it goes on (null), or that everything is closed; a diary
entry each time that changes, for a person to read.$$;
