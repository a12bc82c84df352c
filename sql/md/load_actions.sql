create or replace function md.load_actions(
    p_source        text,
    p_source_sha256 text,
    p_rows          jsonb,
    p_now_at        timestamptz
)
returns table (
    action_id   uuid,
    symbol      text,
    action_kind text,
    ex_on       date,
    terms       text,
    is_new      boolean,
    stands      boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
    v_row md.corporate_actions;
begin
    perform core.assert_that(
        num_nulls(p_source, p_source_sha256, p_now_at) = 0, 'MQA01', 'source, source_sha256, now_at');
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    select string_agg(format('line %s %s (%s)', (p.action).line_no, p.finding, p.detail), '; '
                      order by (p.action).line_no) into v_bad
      from md.parse_actions(p_rows, p_now_at) as p
     where p.finding is not null;
    perform core.assert_that(v_bad is null, 'MQA40', left(v_bad, 1000));
    lock table md.corporate_actions in share row exclusive mode;
    for v_row in
        select (p.action).* from md.parse_actions(p_rows, p_now_at) as p
         order by (p.action).line_no, (p.action).action_id
    loop
        action_id := v_row.action_id;
        symbol := v_row.symbol;
        action_kind := v_row.action_kind;
        ex_on := v_row.ex_on;
        terms := md.format_terms(v_row);
        is_new := not exists (select from md.corporate_actions as a
                               where a.action_id = v_row.action_id);
        if is_new then
            v_row.source := p_source;
            v_row.source_sha256 := p_source_sha256;
            perform md.store_action(v_row);
        end if;
        stands := not exists (select from md.corporate_actions as c
                               where c.cancels_id = v_row.action_id);
        return next;
    end loop;
end;
$function$;

comment on function md.load_actions(text, text, jsonb, timestamptz) is
$$Stores announced corporate actions that are not stored yet, all of a batch or none; a row each, with
whether it is new, and whether it stands or was cancelled. p_rows: see md.parse_actions.
Raises: MQA01; MQA05; MQA40 naming every bad row, or one that contradicts what stands.$$;
