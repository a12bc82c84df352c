create or replace function risk.restrict_symbols(
    p_symbols      jsonb,
    p_restriction  text,
    p_reason       text,
    p_effective_at timestamptz,
    p_now_at       timestamptz
)
returns table (
    symbol      text,
    restriction text,
    is_new      boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_symbols, p_restriction, p_now_at) = 0, 'MQA01', 'symbols, restriction, now_at');
    perform core.assert_that(
        jsonb_typeof(p_symbols) = 'array' and p_symbols <> '[]'
        and not jsonb_path_exists(p_symbols, '$[*] ? (@.type() != "string")'), 'MQA05',
        left(p_symbols::text, 300));
    perform core.assert_that(
        p_restriction in ('NONE', 'SHORT', 'TRADE'), 'MQA02', 'restriction is NONE, SHORT or TRADE');
    perform core.assert_that(
        coalesce(p_effective_at, 'infinity') > p_now_at, 'MQA02', 'effective_at is later than now');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    lock table risk.restrictions in share row exclusive mode;
    for symbol in select distinct s.value from jsonb_array_elements_text(p_symbols) as s order by 1 loop
        restriction := p_restriction;
        is_new := not coalesce((
            select r.restriction = p_restriction
               and (r.effective_at is not distinct from p_effective_at
                    or p_effective_at is null and r.effective_at <= p_now_at)
              from risk.restrictions as r
             where r.symbol = restrict_symbols.symbol
             order by r.restriction_seq desc limit 1),
            p_restriction = 'NONE' and p_effective_at is null);
        insert into risk.restrictions (
            symbol, restriction_seq, restriction, reason, actor, effective_at, restricted_at)
        select restrict_symbols.symbol, coalesce(max(r.restriction_seq), 0) + 1, p_restriction,
               p_reason, session_user, p_effective_at, p_now_at
          from risk.restrictions as r
         where r.symbol = restrict_symbols.symbol
        having is_new;
        perform audit.append_desk_event(
            'RISK', 'SYMBOL_RESTRICTED',
            jsonb_build_object('symbol', symbol, 'restriction', p_restriction, 'reason', p_reason,
                               'effective_at', core.format_iso(p_effective_at)),
            p_now_at)
          where is_new;
        return next;
    end loop;
end;
$function$;

comment on function risk.restrict_symbols(jsonb, text, text, timestamptz, timestamptz) is
$$Puts symbols on the restricted list (SHORT, TRADE) or takes them off (NONE), at once or from a moment to
come (p_effective_at); a row each, with whether that is new. A symbol need not be known yet.
Raises: MQA01; MQA05 not an array of names; MQA02 an unknown word, a moment that has been; MQA12 no
reason; 23514 not a ticker.$$;
