create or replace function recon.submit_snapshot(
    p_run_id   uuid,
    p_document jsonb,
    p_now_at   timestamptz
)
returns table (
    verdict text,
    detail  text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_now    timestamptz;
    v_defect text;
    v_result recon.comparisons;
    v_seq    bigint;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    v_defect := recon.find_defect(v_run, p_document, v_now);
    if v_defect is not null then
        perform audit.append_event(
            p_run_id, 'RECON', 'SNAPSHOT_REFUSED',
            jsonb_build_object('defect', v_defect,
                               'document_sha256', core.hash_text(p_document::text)), p_now_at);
        return query select 'REFUSED', v_defect;
        return;
    end if;
    select coalesce(max(s.snapshot_seq), 0) + 1 into v_seq
      from recon.snapshots as s where s.run_id = p_run_id;
    insert into recon.snapshots (
        run_id, snapshot_seq, account_id, source, captured_at, document, received_at)
    values (p_run_id, v_seq, v_run.account_id, p_document ->> 'source',
            core.parse_time(p_document ->> 'captured_at'), p_document, v_now);
    v_result := recon.compare(v_run, v_seq, p_document, v_now);

    select string_agg(format('%s %s: ours %s, theirs %s', d.drift_kind, d.drift_key, d.ours, d.theirs),
                      '; ' order by d.drift_kind, d.drift_key)
      into detail
      from recon.drifts as d where d.run_id = p_run_id and d.snapshot_seq = v_seq;
    perform audit.append_event(
        p_run_id, 'RECON', 'COMPARED_' || v_result.verdict,
        jsonb_build_object('snapshot_seq', v_seq, 'drifts', left(detail, 1000)), p_now_at);
    if v_result.verdict <> 'PENDING' then
        perform run.set_gate(
            p_run_id, 'RECON', v_result.verdict = 'CLEAN',
            left(coalesce(detail, 'books agree with the broker'), 500),
            jsonb_build_object('snapshot_seq', v_seq),
            v_now + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    end if;
    verdict := v_result.verdict;
    return next;
end;
$function$;

comment on function recon.submit_snapshot(uuid, jsonb, timestamptz) is
$$Stores a broker snapshot, compares it with our books and sets gate RECON; gives CLEAN, PENDING
(differences younger than the grace), DIRTY (run halted) or REFUSED, with the differences.
document: {source, account_id, captured_at, cash, orders [{client_order_id, symbol, side, qty,
filled_qty, status}], positions [{symbol, qty}]}, numbers as text.
Why: the verdict is computed from the stored document; a caller cannot pass one in.
Raises: MQN02; MQA03.$$;
