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
    v_run      run.runs;
    v_now      timestamptz;
    v_result   recon.comparisons;
    v_repaired bigint;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    detail := recon.find_defect(v_run, p_document, v_now);
    if detail is not null then
        perform recon.refuse_snapshot(p_run_id, detail, p_document, p_now_at);
        verdict := 'REFUSED';
    else
        detail := oms.find_action_defect(p_run_id, null, v_now);
        verdict := case when detail is not null then 'PENDING' end;
    end if;
    if verdict is not null then
        return next;
        return;
    end if;
    v_result := recon.compare(v_run, recon.store_snapshot(p_run_id, p_document, v_now), v_now);
    v_repaired := recon.repair_statuses(p_run_id, v_result.snapshot_seq, v_now);

    select string_agg(format('%s %s: ours %s, theirs %s', d.drift_kind, d.drift_key, d.ours, d.theirs),
                      '; ' order by k.severity, d.drift_kind, d.drift_key collate "C")
      into detail
      from recon.drifts as d
      join recon.drift_kinds as k using (drift_kind)
     where d.run_id = p_run_id and d.snapshot_seq = v_result.snapshot_seq;
    perform audit.append_event(
        p_run_id, 'RECON', 'COMPARED_' || v_result.verdict,
        jsonb_build_object('snapshot_seq', v_result.snapshot_seq, 'drifts', left(detail, 1000),
                           'repaired', v_repaired, 'result_sha256', v_result.result_sha256), p_now_at);
    if v_result.verdict <> 'PENDING' then
        perform run.set_gate(
            p_run_id, 'RECON', v_result.verdict = 'CLEAN',
            case v_result.verdict when 'CLEAN' then 'books agree with the broker'
                                  else left(detail, 500) end,
            jsonb_build_object('snapshot_seq', v_result.snapshot_seq),
            least(v_now, recon.parse_captured_at(p_document))
            + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    elsif v_run.run_status = 'HALTED' then
        perform recon.end_proof(p_run_id, v_result.snapshot_seq, v_now);
    end if;
    verdict := v_result.verdict;
    return next;
end;
$function$;

comment on function recon.submit_snapshot(uuid, jsonb, timestamptz) is
$$Stores a broker snapshot, compares it with our books and sets gate RECON; gives CLEAN, PENDING
(differences that may be in flight or were just mended: the gate stays as it is until its proof
expires; of a halted run it expires now), DIRTY (run halted) or REFUSED, with the differences or the defect.
document: {source, account_id, captured_at, cash, orders [{client_order_id, symbol, side, qty,
filled_qty, status, type, limit_price, stop_price, time_in_force}], positions
[{symbol, qty}]}, numbers as text.
While a corporate action is due it is PENDING and not compared: the books are not what they will be.
Why: the verdict is computed from the stored document; a caller cannot pass one in.
Raises: MQN02; MQA03.$$;
