create or replace function run.approve_run(
    p_run_id uuid,
    p_words  text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    insert into run.approvals (run_id, approved_by, words, approved_at)
    values (p_run_id, audit.get_actor(), p_words, v_now_at)
    on conflict (run_id, approved_by, approved_at) do nothing;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'RUN_APPROVED', jsonb_build_object('words', p_words), p_now_at);
end;
$function$;

comment on function run.approve_run(uuid, text, timestamptz) is
$$Records that the person logged in approves arming this run, once, within 15 minutes.
Raises: MQN02 no such run.$$;
